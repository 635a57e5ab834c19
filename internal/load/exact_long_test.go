//go:build long

package load

const exactHits = 1_000_000

// conformanceHits is how many hits both engines are compared on.
const conformanceHits = 100_000
