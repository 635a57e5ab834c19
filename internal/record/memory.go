package record

import (
	"brrtload/internal/evidence"
	"brrtload/internal/process"
)

// writeMemory adds what the kernel says of the target's memory, besides what is resident.
func writeMemory(b *evidence.Batch, pid int, used process.Usage) {
	b.Add(Named(seriesResidentPeak), float64(used.ResidentPeak))
	b.Add(Named(seriesAnonymous), float64(used.Anonymous))
	charge, err := process.ChargeOf(pid)
	if err != nil { // no control group, or it has ended
		return
	}
	for _, part := range []struct {
		of    string
		bytes int64
	}{
		{"all", charge.All}, {"anonymous", charge.Anonymous}, {"file", charge.File}, {"idle file", charge.Idle},
		{"kernel", charge.Kernel}, {"peak", charge.Peak},
	} {
		if part.bytes > 0 { // 0 is what the kernel does not tell
			b.Add(Named(seriesCharge, "of", part.of), float64(part.bytes))
		}
	}
}
