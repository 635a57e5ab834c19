package overhead

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABlockIsUsedUntilOneThingIsTooMuch(t *testing.T) {
	fit := func() (Design, Block) {
		r := made(1, 0.02)
		for i, name := range []string{"baseline", "twin", "candidate"} {
			r.Design.Arms[i].Name = name
		}
		return r.Design, r.Blocks[0]
	}
	d, b := fit()
	require.Empty(t, unfit(d, b))
	for _, row := range []struct {
		says             string
		allowed, toomuch func(*Block)
	}{
		{"load not achieved: twin was sent 989 of 1000 hits",
			func(b *Block) { b.Arms[1].Hits = 990 }, func(b *Block) { b.Arms[1].Hits = 989 }},
		{"saturated: the arms used 61 % of their CPU",
			func(b *Block) { b.Length = b.used() / 0.59 }, func(b *Block) { b.Length = b.used() / 0.61 }},
		{"the hypervisor took 11 % of the CPU time",
			func(b *Block) { b.Steal = 0.1 }, func(b *Block) { b.Steal = 0.11 }},
		{"a busy neighbour: other programs used 50 % of the arms' CPU, and for 81 % of the time",
			func(b *Block) { b.Arms[0].Waited, b.Others = b.used()*79/21, 0.5*b.Length },
			func(b *Block) { b.Arms[0].Waited, b.Others = b.used()*81/19, 0.5*b.Length }},
		// below that an arm's threads wait for each other
		{"a busy neighbour: other programs used 31 % of the arms' CPU",
			func(b *Block) { b.Arms[0].Waited, b.Others = b.used()*99, 0.29*b.Length },
			func(b *Block) { b.Arms[0].Waited, b.Others = b.used()*99, 0.31*b.Length }},
		{"the load came late: one hit in a hundred to candidate by 260 ms",
			func(b *Block) { b.Arms[2].Lag = 0.25 }, func(b *Block) { b.Arms[2].Lag = 0.26 }},
	} {
		d, b := fit()
		row.allowed(&b)
		require.Empty(t, unfit(d, b))
		d, b = fit()
		row.toomuch(&b)
		require.Contains(t, unfit(d, b), row.says)
	}
}

// used is the CPU of all arms, in seconds.
func (b Block) used() (sum float64) {
	for _, m := range b.Arms {
		sum += m.CPU
	}
	return sum
}

func TestACPUEachForTheArmsIsMoreThanOne(t *testing.T) {
	r := made(1, 0.02)
	b := r.Blocks[0]
	b.Length = b.used() / 0.8
	require.NotEmpty(t, unfit(r.Design, b))
	r.Design.Pin = &Pin{Arms: []int{0, 1}}
	require.Empty(t, unfit(r.Design, b))
}
