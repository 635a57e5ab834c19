//go:build long

package load

const exactHits = 1_000_000
