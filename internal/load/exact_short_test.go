//go:build !long

package load

// exactHits is how many hits the exactness of the ledger is shown on; a million with the build tag "long".
const exactHits = 12_000
