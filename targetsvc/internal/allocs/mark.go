//go:build !notelemetry

package allocs

import (
	"runtime"
	"strings"
	"sync"
)

// Mark is a stack frame that tells one handler's coroutines from another's. The zero value marks
// nothing.
type Mark struct{ frame func(body func()) }

// Within calls body from under the mark: what it allocates from then on is the handler's.
func (m Mark) Within(body func()) {
	if m.frame == nil {
		body()
		return
	}
	m.frame(body)
}

// marked lists the handlers in the order of their marks. It is the process's, as the heap profile
// is.
var marked struct {
	sync.Mutex
	handlers []string
}

// Register returns the handler's mark, always the same one. There are 64; a handler beyond that is
// not distinguished from [Other].
func Register(handler string) Mark {
	marked.Lock()
	defer marked.Unlock()
	for i, known := range marked.handlers {
		if known == handler {
			return Mark{frames[i]}
		}
	}
	if len(marked.handlers) == len(frames) {
		return Mark{}
	}
	marked.handlers = append(marked.handlers, handler)
	return Mark{frames[len(marked.handlers)-1]}
}

// registered returns the handlers in the order of their marks.
func registered() []string {
	marked.Lock()
	defer marked.Unlock()
	return append([]string(nil), marked.handlers...)
}

// frame is one function for each type it is made with, because types of different size share no
// code. That is what makes a handler's frames recognisable without a function written out for each.
//
//go:noinline
func frame[T any](body func()) {
	var distinct T
	body()
	runtime.KeepAlive(&distinct)
}

var frames = [...]func(func()){
	frame[[1]byte], frame[[2]byte], frame[[3]byte], frame[[4]byte], frame[[5]byte], frame[[6]byte], frame[[7]byte], frame[[8]byte],
	frame[[9]byte], frame[[10]byte], frame[[11]byte], frame[[12]byte], frame[[13]byte], frame[[14]byte], frame[[15]byte], frame[[16]byte],
	frame[[17]byte], frame[[18]byte], frame[[19]byte], frame[[20]byte], frame[[21]byte], frame[[22]byte], frame[[23]byte], frame[[24]byte],
	frame[[25]byte], frame[[26]byte], frame[[27]byte], frame[[28]byte], frame[[29]byte], frame[[30]byte], frame[[31]byte], frame[[32]byte],
	frame[[33]byte], frame[[34]byte], frame[[35]byte], frame[[36]byte], frame[[37]byte], frame[[38]byte], frame[[39]byte], frame[[40]byte],
	frame[[41]byte], frame[[42]byte], frame[[43]byte], frame[[44]byte], frame[[45]byte], frame[[46]byte], frame[[47]byte], frame[[48]byte],
	frame[[49]byte], frame[[50]byte], frame[[51]byte], frame[[52]byte], frame[[53]byte], frame[[54]byte], frame[[55]byte], frame[[56]byte],
	frame[[57]byte], frame[[58]byte], frame[[59]byte], frame[[60]byte], frame[[61]byte], frame[[62]byte], frame[[63]byte], frame[[64]byte],
}

// markOf finds which mark a function is, by its entry address.
var markOf = sync.OnceValue(func() map[uintptr]int {
	out := map[uintptr]int{}
	pcs := make([]uintptr, 8)
	for i, run := range frames {
		// allocates nothing, which would be the handler's
		run(func() { pcs = pcs[:runtime.Callers(1, pcs[:cap(pcs)])] })
		walk := runtime.CallersFrames(pcs)
		for more := true; more; {
			var f runtime.Frame
			if f, more = walk.Next(); strings.HasSuffix(f.Function, "/allocs.frame[...]") {
				out[f.Entry] = i
			}
		}
	}
	return out
})
