import { NewDownload } from './new-download';
import { Recent } from './recent';

export default function Page() {
  return (
    <>
      <h1>Downloads</h1>
      <NewDownload />
      <Recent />
    </>
  );
}
