import sharp from 'sharp'

/** A picture of a page. */
export interface Screen {
  /** in px */
  width: number
  isDark: boolean
  /** PNG */
  image: Buffer
}

const gap = 24
/** All are shown at this part of their size. */
const scale = 0.6

/**
 * Draws screens side by side, the light ones above the dark ones, into a WebP file.
 * @returns its size in bytes
 */
export async function sheet(screens: readonly Screen[], file: string): Promise<number> {
  const parts: { input: Buffer; left: number; top: number }[] = []
  let [right, bottom] = [0, gap]
  for (const isDark of [false, true]) {
    let left = gap
    let lowest = bottom
    for (const { image, width } of screens.filter(screen => screen.isDark === isDark)) {
      const { data, info } = await sharp(image)
        .resize({ width: Math.round(width * scale) })
        .png()
        .toBuffer({ resolveWithObject: true })
      parts.push({ input: data, left, top: bottom })
      left += info.width + gap
      lowest = Math.max(lowest, bottom + info.height)
    }
    right = Math.max(right, left)
    bottom = lowest + gap
  }
  const { size } = await sharp({
    create: { width: right, height: bottom, channels: 3, background: '#808080' },
  })
    .composite(parts)
    .webp({ quality: 80 })
    .toFile(file)
  return size
}
