import type { ReactNode } from 'react'

interface NoticeProps {
  heading: string
  text: string
  role?: 'alert' | 'status'
  /** 2 where the page has a heading of its own. */
  level?: 1 | 2
  children?: ReactNode
}

/** What a page says instead of its content: nothing here, not found, not reachable. */
export function Notice({ heading, text, role, level = 1, children }: NoticeProps) {
  const Heading = `h${level}` as const
  return (
    <section role={role} className="mx-auto flex max-w-xl flex-col items-center px-4 py-16 text-center">
      <svg viewBox="0 0 96 64" className="mb-6 w-24" aria-hidden="true">
        <ellipse cx="48" cy="54" rx="40" ry="6" className="fill-linen" />
        <g className="fill-none stroke-crust" strokeWidth="3" strokeLinecap="round">
          <circle cx="48" cy="32" r="22" className="fill-white" />
          <circle cx="48" cy="32" r="13" />
          <path d="M14 14v14a5 5 0 0 0 10 0V14M19 14v38M82 52V14c-7 3-8 14-6 22h6" />
        </g>
      </svg>
      <Heading className="text-2xl font-bold tracking-tight">{heading}</Heading>
      <p className="mt-2 text-cocoa">{text}</p>
      {children && <div className="mt-6 flex flex-wrap justify-center gap-3">{children}</div>}
    </section>
  )
}
