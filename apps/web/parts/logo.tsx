export function Logo() {
  return (
    <svg viewBox="0 0 32 32" className="size-9" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-brick" />
      <g className="fill-none stroke-cream" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round">
        <path d="M5 22h22" />
        <path d="M7.5 22a8.5 8.5 0 0 1 17 0" />
        <path d="M16 13.5v-3" />
      </g>
      <circle cx="16" cy="9" r="1.8" className="fill-saffron" />
    </svg>
  )
}
