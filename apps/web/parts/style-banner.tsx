import { type ReactNode, useId } from 'react'
import { type Motif, stylePattern } from './style-pattern.ts'

const tiles: Record<Motif, ReactNode> = {
  dots: (
    <>
      <circle cx="10" cy="10" r="5" />
      <circle cx="30" cy="30" r="5" />
      <circle cx="30" cy="10" r="1.5" />
      <circle cx="10" cy="30" r="1.5" />
    </>
  ),
  waves: <path d="M0 10q10-10 20 0t20 0M0 30q10-10 20 0t20 0" className="fill-none" strokeWidth="3" />,
  arcs: (
    <path
      d="M0 40a20 20 0 0 1 40 0M8 40a12 12 0 0 1 24 0M15 40a5 5 0 0 1 10 0M-20 20a20 20 0 0 1 40 0M20 20a20 20 0 0 1 40 0"
      className="fill-none"
      strokeWidth="2"
    />
  ),
  lattice: <path d="M0 0l40 40M40 0L0 40M20-6l6 6-6 6-6-6zM20 34l6 6-6 6-6-6z" strokeWidth="2" />,
  petals: (
    <path d="M20 20c-8-6-8-14 0-20 8 6 8 14 0 20zm0 0c8 6 8 14 0 20-8-6-8-14 0-20zm0 0c-6 8-14 8-20 0 6-8 14-8 20 0zm0 0c6-8 14-8 20 0-6 8-14 8-20 0z" />
  ),
  weave: <path d="M4 0v16M12 0v16M24 12h16M24 4h16M0 24h16M0 32h16M28 24v16M36 24v16" strokeWidth="3" />,
}

/** The pattern that stands for a kitchen style where other sites would show a photograph. */
export function StyleBanner({ style, className }: { style: string; className: string }) {
  const id = useId()
  const { motif, ground } = stylePattern(style)
  return (
    <svg className={className} aria-hidden="true" preserveAspectRatio="none">
      <defs>
        <pattern id={id} width="40" height="40" patternUnits="userSpaceOnUse">
          <g fill="#fff" stroke="#fff" strokeWidth="0" opacity="0.28">
            {tiles[motif]}
          </g>
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill={ground} />
      <rect width="100%" height="100%" fill={`url(#${id})`} />
    </svg>
  )
}
