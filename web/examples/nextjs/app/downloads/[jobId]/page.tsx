import Link from 'next/link';
import { readJob } from '../../../lib/longhaul';
import { Viewer } from './viewer';

export const dynamic = 'force-dynamic';

// Rendered with the job as it is now, so a reload, or a link from elsewhere, shows it at once.
export default async function Page({ params }: { params: Promise<{ jobId: string }> }) {
  const { jobId } = await params;
  return (
    <>
      <p><Link href="/">All downloads</Link></p>
      <Viewer jobId={jobId} initialJob={await readJob(jobId)} />
    </>
  );
}
