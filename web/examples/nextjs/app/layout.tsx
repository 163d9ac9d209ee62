import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { Downloads } from './downloads-provider';
import './style.css';

export const metadata: Metadata = { title: 'Downloads', icons: 'data:,' };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body><main><Downloads>{children}</Downloads></main></body>
    </html>
  );
}
