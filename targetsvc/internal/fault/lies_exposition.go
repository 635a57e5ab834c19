//go:build !notelemetry

package fault

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"time"
)

func slowMetrics(s *setting, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pause(r.Context(), time.Duration(s.number))
		next.ServeHTTP(w, r)
	})
}

func failingMetrics(s *setting, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.everyNth() {
			http.Error(w, "the metrics cannot be gathered", http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func truncatedMetrics(s *setting, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&truncating{w, s.number}, plain(r))
	})
}

// plain asks for the exposition as text, uncompressed.
func plain(r *http.Request) *http.Request {
	out := r.Clone(r.Context())
	out.Header.Set("Accept", "text/plain;version=0.0.4")
	out.Header.Del("Accept-Encoding")
	return out
}

// truncating passes on this many bytes and says that it took all.
type truncating struct {
	http.ResponseWriter
	left int64
}

// Write passes on what is still allowed.
func (t *truncating) Write(p []byte) (int, error) {
	pass := min(int64(len(p)), t.left)
	t.left -= pass
	if n, err := t.ResponseWriter.Write(p[:pass]); err != nil {
		return n, err
	}
	return len(p), nil
}

// contentType is that of the text format.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// garbage is no exposition, no UTF-8, and has control characters in it.
const garbage = "\x1b[31m\xff\xfe{{\x00 brrtrouter_requests_total{handler=\"\n# TYPE 7\n}NaN e+ \r"

func garbageMetrics(s *setting, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for left := s.number; left > 0; left -= int64(len(garbage)) {
			if _, err := io.WriteString(w, garbage[:min(left, int64(len(garbage)))]); err != nil {
				return // the reader had enough
			}
		}
	})
}

func enormousMetrics(s *setting, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, plain(r))
		out := bufio.NewWriterSize(w, 64<<10)
		written, _ := out.WriteString("# HELP brrtrouter_enormous Series without end.\n# TYPE brrtrouter_enormous gauge\n")
		for n := 0; int64(written) < s.number; n++ {
			more, err := fmt.Fprintf(out, "brrtrouter_enormous{n=\"%d\"} 1\n", n)
			if err != nil {
				return // the reader had enough
			}
			written += more
		}
		_ = out.Flush() // as above
	})
}
