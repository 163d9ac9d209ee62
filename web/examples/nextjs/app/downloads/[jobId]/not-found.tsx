import Link from 'next/link';

export default function NotFound() {
  return (
    <>
      <h1>No such download</h1>
      <p>It does not exist, or it was too long ago. <Link href="/">All downloads</Link></p>
    </>
  );
}
