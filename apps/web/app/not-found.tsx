import type { Metadata } from 'next'
import Link from 'next/link'
import { Notice } from '../parts/notice.tsx'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <Notice heading="This table does not exist" text="The page that you are looking for is not on the menu.">
      <Link href="/" className="button">
        All restaurants
      </Link>
    </Notice>
  )
}
