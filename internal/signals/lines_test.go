package signals

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// cut feeds a text in steps of some size, and gives the lines and the pieces that it was cut into.
func cut(screen *Screen, text string, step int) (whole []string, pieces string) {
	l := newLines(screen)
	line := func(b []byte) { whole = append(whole, string(b)) }
	piece := func(b []byte, end bool) {
		pieces += string(b)
		if end {
			pieces += "\n"
		}
	}
	for rest := []byte(text); len(rest) > 0; {
		n := copy(l.free(), rest[:min(step, len(rest))])
		l.took(n, line, piece)
		rest = rest[n:]
	}
	l.flush(line, piece)
	return whole, pieces
}

func TestLinesAreTheSameHoweverTheyCome(t *testing.T) {
	long := strings.Repeat("x", maxLine+100)
	for _, step := range []int{1, 7, 1 << 20} {
		whole, pieces := cut(NewScreen(nil), "a\r\n\nb\n"+long+"\nc\n"+long[:maxLine]+"\nlast", step)
		require.Equal(t, []string{"a", "", "b", "c", long[:maxLine], "last"}, whole, "%d bytes at once", step)
		require.Equal(t, long+"\n", pieces, "%d bytes at once", step)
	}
}

func TestASecretIsFoundAcrossTheCutsOfALongLine(t *testing.T) {
	const secret = "hush-hush-hush"
	for at := maxLine - 40; at < maxLine+40; at++ {
		screen := NewScreen([]string{secret})
		text := strings.Repeat("x", at) + secret + strings.Repeat("y", 2*maxLine)
		_, pieces := cut(screen, text+"\n", 4096)
		require.NotContains(t, pieces, secret)
		require.Equal(t, strings.ReplaceAll(text, secret, "**************")+"\n", pieces, "at byte %d", at)
		require.Len(t, screen.Events(), 1)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb"), 3, "hush")
	f.Add([]byte("hushhush\r\n\n"), 1, "hush")
	f.Fuzz(func(t *testing.T, text []byte, step int, secret string) {
		screen := NewScreen([]string{secret})
		whole, pieces := cut(screen, string(text), max(1, step))
		joined := strings.Join(whole, "\n") + pieces
		if len(joined) > len(text)+1 {
			t.Errorf("%d bytes came out of %d", len(joined), len(text))
		}
		again, _ := cut(screen, string(text), 1)
		require.Equal(t, again, whole)
		masked := bytes.Clone(text)
		screen.Mask(masked)
		if screen.Has(masked) && !strings.Contains(strings.Repeat("*", len(masked)), secret) && !strings.ContainsRune(secret, '*') {
			t.Errorf("a secret is left in %q", masked)
		}
		require.Len(t, masked, len(text))
	})
}
