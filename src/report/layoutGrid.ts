import type { Box, Picture } from './picture.ts'
import { isFrame, type Layout, ownWidth, type Placed, sizes } from './placed.ts'
import { textWidth } from './textWidth.ts'

const gap = 8
/** As wide as a page shows without being scrolled, and never fewer than four side by side. */
const widthMax = 1100
const rowHeight = 24
const leafWidthMax = 260

/** Rows of boxes in what they lie in, frames one below the other and single boxes last. Takes no longer than to read the picture. */
export function gridOf({ roots }: Picture): Layout {
  const boxes: Placed[] = []
  const leafWidth = Math.min(leafWidthMax, Math.max(0, ...everyLeaf(roots).map(({ title }) => textWidth(title, sizes.says) + 20)))
  const { width, height } = fill(
    roots,
    { x: sizes.margin, y: sizes.margin, leafWidth, across: Math.max(4, Math.floor(widthMax / (leafWidth + gap))) },
    boxes
  )
  return { width: width + 2 * sizes.margin, height: height + 2 * sizes.margin, boxes, routes: [], isGrid: true }
}

const everyLeaf = (boxes: readonly Box[]): Box[] => boxes.flatMap(box => (isFrame(box) ? everyLeaf(box.children) : [box]))

interface Space {
  readonly x: number
  readonly y: number
  readonly leafWidth: number
  readonly across: number
}

function fill(
  boxes: readonly Box[],
  { x, y, leafWidth, across }: Space,
  into: Placed[]
): { readonly width: number; readonly height: number } {
  let [width, at] = [0, y]
  for (const box of boxes.filter(isFrame)) {
    const header = sizes.lineTitle + gap
    const slot = into.length
    const inner = fill(box.children, { x: x + gap, y: at + header, leafWidth, across }, into)
    const own = { width: Math.max(inner.width, Math.min(ownWidth(box), 2 * leafWidth)) + 2 * gap, height: header + inner.height + gap }
    into.splice(slot, 0, { box, isFrame: true, x, y: at, ...own })
    width = Math.max(width, own.width)
    at += own.height + gap
  }
  const leaves = boxes.filter(box => !isFrame(box))
  for (const [index, box] of leaves.entries()) {
    const [column, row] = [index % across, Math.floor(index / across)]
    into.push({
      box,
      isFrame: false,
      x: x + column * (leafWidth + gap),
      y: at + row * (rowHeight + gap),
      width: leafWidth,
      height: rowHeight
    })
  }
  const rows = Math.ceil(leaves.length / across)
  width = Math.max(width, Math.min(across, leaves.length) * (leafWidth + gap) - gap)
  return { width, height: at - y + rows * (rowHeight + gap) - (leaves.length + boxes.length > 0 ? gap : 0) }
}
