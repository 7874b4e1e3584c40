// As much of SVG as bars and curves need: shapes as text, on white, so that it can be read on any page.

type At = readonly [x: number, y: number]

/** Maps a range of positive values to one of pixels. One single value is in the middle. */
export const logScale =
  ([low, high]: readonly [number, number], [from, to]: readonly [number, number]) =>
  (value: number): number =>
    low === high ? (from + to) / 2 : from + ((to - from) * Math.log(value / low)) / Math.log(high / low)

export const makeSvg = (width: number, height: number, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly color: string
}

export const rect = ({ x, y, width, height, color }: Rectangle): string =>
  `<rect x="${short(x)}" y="${short(y)}" width="${short(Math.max(1, width))}" height="${height}" fill="${color}"/>`

/** @param hasDots with a dot at each point */
export const line = (points: readonly At[], color: string, width: number, hasDots = false): string => {
  const path = points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ')
  const dots = hasDots
    ? points.map(([x, y]) => `<circle cx="${short(x)}" cy="${short(y)}" r="${width + 0.7}" fill="${color}"/>`)
    : []
  return [`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="${width}"/>`, ...dots].join('')
}

export const text = (x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', isBold = false): string =>
  `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}" fill="#222"${isBold ? ' font-weight="600"' : ''}>${plain(words)}</text>`

export const left = (x: number, y: number, words: string, isBold = false): string => text(x, y, words, 'start', isBold)
export const right = (x: number, y: number, words: string): string => text(x, y, words, 'end')
export const bottom = (x: number, y: number, words: string): string => text(x, y, words, 'middle')

const short = (value: number): string => String(Math.round(value * 10) / 10)

const plain = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
