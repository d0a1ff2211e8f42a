import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Picture } from './food.ts'

const drawings = new Map<string, string>()

/** A drawing to stand in the page itself, in place of an `<img>`, without its title: as wide and as high as what it is in. */
export function foodDrawing(food: Picture['food'], { whole = false }: { whole?: boolean }): string {
  const drawing =
    drawings.get(food) ?? readFileSync(join(process.cwd(), 'public/foods', `${food}.svg`), 'utf8')
  drawings.set(food, drawing)
  const attributes = `class="size-full" aria-hidden="true" preserveAspectRatio="xMidYMid ${whole ? 'meet' : 'slice'}"`
  return drawing.replace('<svg', `<svg ${attributes}`).replace(/<title>.*?<\/title>\s*/, '')
}
