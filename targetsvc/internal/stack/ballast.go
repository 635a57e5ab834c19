package stack

// The collector halves the stack of a goroutine that uses less than a quarter of it, and copies the
// stack to do so, which would lose the paint. A frame that holds a quarter of the allocation, above
// everything the coroutine does, makes that condition false for this goroutine alone, with no
// setting of the whole process touched.

// window is how far past the configured size each request is looked at, in bytes; see [Watch.Tick].
const window = 1024

// allocation returns the size in bytes of the stack to allocate: the smallest power of two whose
// lower three quarters hold size, the runtime's guard (see [layout]) and the window. A stack that
// is already larger stays as it is.
func allocation(size, guard uintptr) uintptr {
	lo, hi, _ := bounds()
	a := hi - lo
	for a/4*3 < size+guard+window {
		a *= 2
	}
	return a
}

// onBallast calls body, on a stack of at least alloc bytes, from under frames of a quarter of
// alloc. It passes body the distance in bytes of the stack pointer under those frames from the
// stack's upper end: where the configured size begins.
func onBallast(alloc uintptr, body func(top uintptr)) { pile(alloc, alloc/4, body) }

// pile puts weight bytes of frames on the stack, a power of two or a multiple of 64 KiB: one frame,
// or as many of the largest as it takes. The compiler keeps no variable above 128 KiB on the stack.
func pile(alloc, weight uintptr, body func(top uintptr)) {
	switch weight {
	case 512:
		ballast[[512]byte](alloc, 0, body)
	case 1 << 10:
		ballast[[1 << 10]byte](alloc, 0, body)
	case 2 << 10:
		ballast[[2 << 10]byte](alloc, 0, body)
	case 4 << 10:
		ballast[[4 << 10]byte](alloc, 0, body)
	case 8 << 10:
		ballast[[8 << 10]byte](alloc, 0, body)
	case 16 << 10:
		ballast[[16 << 10]byte](alloc, 0, body)
	case 32 << 10:
		ballast[[32 << 10]byte](alloc, 0, body)
	default:
		ballast[[64 << 10]byte](alloc, weight-64<<10, body)
	}
}

// pad is the set of ballast frames: a type set, so that the address of an element keeps the array
// on the stack, where a conversion through unsafe.Pointer would move it to the heap under checkptr.
type pad interface {
	[512]byte | [1 << 10]byte | [2 << 10]byte | [4 << 10]byte | [8 << 10]byte | [16 << 10]byte | [32 << 10]byte | [64 << 10]byte
}

//go:noinline
func ballast[P pad](alloc, rest uintptr, body func(top uintptr)) {
	var p P
	keep(&p[0])
	if rest > 0 {
		pile(alloc, rest, body)
	} else {
		grow(alloc) // under the ballast, where the stack cannot shrink again
		_, hi, sp := bounds()
		body(hi - sp)
	}
	keep(&p[0])
}

// grow calls itself until the stack has at least alloc bytes.
//
//go:noinline
func grow(alloc uintptr) {
	var frame [1 << 10]byte
	keep(&frame[0])
	if lo, hi, _ := bounds(); hi-lo < alloc {
		grow(alloc)
	}
	keep(&frame[0])
}

// keep makes the compiler believe that the array of p is in use.
//
//go:noinline
func keep(p *byte) { *p = 1 }
