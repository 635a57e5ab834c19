//go:build !long

package load

import "testing"

// exactHits is how many hits the exactness of the ledger is shown on; a million with the build tag
// "long".
const exactHits = 12_000

// conformanceHits is how many hits both engines are compared on; 100,000 with the build tag "long".
const conformanceHits = 2_000

// keepEvidence keeps nothing of a short run.
func keepEvidence(*testing.T, string, any) {}
