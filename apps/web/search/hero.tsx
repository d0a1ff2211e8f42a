import { useTranslations } from 'next-intl'

export function Hero() {
  const t = useTranslations('search')
  return (
    <section className="relative overflow-hidden bg-linen">
      <Plates />
      <div className="relative mx-auto max-w-6xl px-4 pt-8 pb-18 sm:px-6 sm:pt-20 sm:pb-28">
        <h1 className="max-w-2xl text-4xl font-extrabold tracking-tight text-balance sm:text-6xl">
          {t('heading')}
        </h1>
        <p className="mt-4 max-w-lg text-lg text-cocoa">{t('intro')}</p>
      </div>
    </section>
  )
}

/** Plates on a table, half out of the picture; on a phone they would be under the text, so there are none. */
function Plates() {
  return (
    <svg
      viewBox="0 0 520 400"
      className="absolute -top-10 -end-16 hidden h-[130%] lg:end-0 lg:block rtl:-scale-x-100"
      aria-hidden="true"
    >
      <g className="fill-cream stroke-crust" strokeWidth="2">
        <circle cx="330" cy="170" r="140" />
        <circle cx="330" cy="170" r="98" className="fill-white" />
        <circle cx="130" cy="232" r="82" />
        <circle cx="130" cy="232" r="56" className="fill-white" />
      </g>
      <g className="fill-brick">
        <circle cx="300" cy="145" r="30" />
        <circle cx="362" cy="160" r="24" />
        <circle cx="325" cy="208" r="27" />
      </g>
      <g className="fill-none stroke-cream" strokeWidth="3" strokeLinecap="round" opacity="0.55">
        <path d="M283 138a20 20 0 0 1 20-13M350 152a14 14 0 0 1 14-9M309 201a17 17 0 0 1 17-11" />
      </g>
      <g className="fill-olive">
        <path d="M385 200c-6-20 4-36 26-40 6 22-4 36-26 40z" />
        <path d="M275 205c-20-2-30-16-26-36 21 2 30 16 26 36z" />
        <path d="M340 112c8-18 26-24 42-14-8 18-25 24-42 14z" />
      </g>
      <g className="fill-saffron">
        <path d="M95 238a36 36 0 0 1 70-14c-14 18-50 26-70 14z" />
        <circle cx="142" cy="252" r="10" />
      </g>
    </svg>
  )
}
