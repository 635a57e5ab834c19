package handlers

import (
	"context"
	"io"
	"net/http"
	"time"

	"brrtload/targetsvc/internal/cpu"
)

// wait answers after the asked time, or at once when the client has left.
func wait(ctx context.Context, c *Call) Response {
	ms, ok := number(c, "ms", required, 0, 60_000)
	if !ok {
		return badRequest("ms must be a number from 0 to 60000")
	}
	timer := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return answer(http.StatusOK, struct {
		WaitedMS int `json:"waited_ms"`
	}{ms})
}

func compute(ctx context.Context, c *Call) Response {
	us, ok := number(c, "us", required, 0, 1_000_000)
	if !ok {
		return badRequest("us must be a number from 0 to 1000000")
	}
	cpu.Burn(ctx, time.Duration(us)*time.Microsecond)
	return answer(http.StatusOK, struct {
		ComputedUS int `json:"computed_us"`
	}{us})
}

const maxDownload = 64 << 20

func download(_ context.Context, c *Call) Response {
	size, ok := number(c, "bytes", required, 0, maxDownload)
	if !ok {
		return badRequest("bytes must be a number from 0 to 67108864")
	}
	return Response{Status: http.StatusOK, ContentType: "application/octet-stream", Length: size,
		Stream: func(w io.Writer) error { return writePattern(w, size) }}
}

// pattern is what downloads consist of.
var pattern = func() []byte {
	block := make([]byte, 32<<10)
	for i := range block {
		block[i] = byte('a' + i%26)
	}
	return block
}()

func writePattern(w io.Writer, size int) error {
	for size > 0 {
		n, err := w.Write(pattern[:min(size, len(pattern))])
		if err != nil {
			return err
		}
		size -= n
	}
	return nil
}
