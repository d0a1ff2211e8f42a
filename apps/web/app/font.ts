import localFont from 'next/font/local'

/**
 * Inter, where it is there before the first paint, as it is from the second page on at the latest: a page that changes
 * its font while it is read moves. What is drawn meanwhile is about as wide. Letters that are none of the Latin alphabet
 * are the system's.
 */
export const inter = localFont({
  src: '../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  weight: '100 900',
  display: 'optional',
  variable: '--font-inter',
})
