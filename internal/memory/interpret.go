package memory

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// interpret turns what heaptrack's library wrote into a file with the names of functions, by
// heaptrack's own program, and compresses it. The programs that were traced must still be there.
// The raw file is removed.
func interpret(raw string) error {
	home, err := heaptrackHome()
	if err != nil {
		return err
	}
	from, err := os.Open(raw)
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // it was only read
	done := strings.TrimSuffix(raw, ".raw") + ".zst"
	part := done + ".part"
	if err := interpreted(home.interpret, from, part); err != nil {
		return errors.Join(fmt.Errorf("names of functions for %s: %w", raw, err), os.Remove(part))
	}
	if err := os.Rename(part, done); err != nil {
		return err
	}
	return os.Remove(raw)
}

func interpreted(program string, raw io.Reader, path string) error {
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	defer to.Close() //nolint:errcheck // closed below, unless there was an error already
	compressed, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	cmd := exec.Command(program)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = compressed, &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	fed := annotate(in, raw)
	closed := in.Close()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, inert(lastLine(said.String())))
	}
	return errors.Join(fed, closed, compressed.Close(), to.Close())
}

// annotate copies raw data, adds comments that say where each module begins, and leaves out a last
// line that is cut off.
func annotate(to io.Writer, raw io.Reader) error {
	lines := bufio.NewReaderSize(raw, maxLine)
	out := bufio.NewWriterSize(to, maxLine)
	program := ""
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return fmt.Errorf("read raw data of heaptrack: %w", err)
		}
		_, _ = out.Write(line) // an error stays until Flush
		switch {
		case bytes.HasPrefix(line, []byte("x ")):
			program, _ = sized(string(line[2:]))
		case bytes.HasPrefix(line, []byte("m ")):
			name, rest := sized(string(line[2:]))
			if name == "x" {
				name = program
			}
			if base, _, _ := strings.Cut(rest, " "); base != "" {
				fmt.Fprintf(out, "%s%s %s\n", moduleComment, base, name)
			}
		}
	}
}

// sized reads a text that begins with its length, as in "4 name rest".
func sized(text string) (name, rest string) {
	text = strings.TrimSuffix(text, "\n")
	f := heaptrackFile{text: []byte(text)}
	var size int64
	if !f.figure(&size) || size > int64(len(f.text)) {
		return "", ""
	}
	return string(f.text[:size]), strings.TrimPrefix(string(f.text[size:]), " ")
}

// lastLine returns the last line of a text that is not empty.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
