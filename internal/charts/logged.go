package charts

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/reports"
)

const (
	// maxLog bounds what is read of a log, in bytes.
	maxLog = 64 << 20
	// maxLogLine bounds a line of it, in bytes; the rest of a longer one is left out.
	maxLogLine = 64 << 10
	// maxKinds bounds the kinds of lines that are distinguished, and maxLogged those that are kept.
	maxKinds, maxLogged = 500, 20
)

var (
	// alarming matches the words of levels that ask for attention.
	alarming = regexp.MustCompile(`(?i)\b(fatal|panic|critical|error|err|warning|warn)\b`)
	// alarms are in every line that has such a level: reading any other closely would take long.
	alarms = [][]byte{[]byte("warn"), []byte("WARN"), []byte("Warn"), []byte("err"), []byte("ERR"), []byte("Err"),
		[]byte("atal"), []byte("ATAL"), []byte("anic"), []byte("ANIC"), []byte("ritical"), []byte("RITICAL")}
	// eventNames matches the events that a query selects.
	eventNames = regexp.MustCompile(`event="([^"]+)"`)
	// digits are what differs between lines that are alike.
	digits = regexp.MustCompile(`[0-9a-fA-F]*[0-9]+[0-9a-fA-F]*`)
)

// Logged returns the lines of the kept log of a run that ask for attention, and those of events
// that a check which did not hold asks for. Lines that are alike are one, with their count. A run
// without a log has none.
func Logged(dir string, began time.Time, checks []assertions.Check) []reports.Logged {
	file, err := os.Open(filepath.Join(dir, "target.log"))
	if err != nil {
		return nil
	}
	defer file.Close()
	words := slices.Clone(alarms)
	var wanted []string
	for _, c := range checks {
		if c.Verdict <= assertions.Pass {
			continue
		}
		for _, name := range eventNames.FindAllStringSubmatch(c.Query, -1) {
			wanted, words = append(wanted, name[1]), append(words, []byte(name[1]))
		}
	}
	at := map[string]int{}
	var kinds []reports.Logged
	lines := bufio.NewReaderSize(io.LimitReader(file, maxLog), maxLogLine)
	for {
		text, long, err := lines.ReadLine()
		if err != nil {
			break
		}
		if long { // the reader overwrites it
			text = slices.Clone(text)
		}
		for long && err == nil {
			_, long, err = lines.ReadLine()
		}
		if !slices.ContainsFunc(words, func(word []byte) bool { return bytes.Contains(text, word) }) {
			continue
		}
		l := logged(text, began)
		if !rings(l.Level) && !slices.Contains(wanted, l.Event) {
			continue
		}
		key := l.Level + " " + l.Event
		if i, known := at[key]; known {
			kinds[i].Count++
		} else if len(kinds) < maxKinds {
			at[key] = len(kinds)
			kinds = append(kinds, l)
		}
	}
	slices.SortStableFunc(kinds, func(a, b reports.Logged) int {
		return cmp.Or(cmp.Compare(severity(b.Level), severity(a.Level)), cmp.Compare(b.Count, a.Count))
	})
	return kinds[:min(len(kinds), maxLogged)]
}

// logged reads a line: JSON by the usual names of its fields, any other by the first word that is a
// level.
func logged(text []byte, began time.Time) reports.Logged {
	l := reports.Logged{Text: clip(strings.ToValidUTF8(string(text), "�")), Count: 1}
	var fields map[string]any
	if bytes.HasPrefix(text, []byte("{")) && json.Unmarshal(text, &fields) == nil {
		l.Level, l.Event = field(fields, "level", "severity", "lvl"), field(fields, "msg", "message", "event")
		if inner, is := fields["fields"].(map[string]any); is && l.Event == "" {
			l.Event = field(inner, "message")
		}
		when, err := time.Parse(time.RFC3339Nano, field(fields, "time", "timestamp", "ts", "@timestamp"))
		if err == nil {
			seconds := short(when.Sub(began).Seconds())
			l.At = &seconds
		}
	} else {
		l.Level = string(alarming.Find(text))
		l.Event = digits.ReplaceAllString(l.Text, "0")
	}
	l.Level, l.Event = clip(l.Level), clip(l.Event)
	return l
}

// field returns the first field that is there and is a text.
func field(fields map[string]any, names ...string) string {
	for _, name := range names {
		if text, is := fields[name].(string); is {
			return text
		}
	}
	return ""
}

func rings(level string) bool { return severity(level) > 0 }

// severity is 0 for a level that asks for no attention, 1 for a warning, 2 for what is worse.
func severity(level string) int {
	switch strings.ToLower(level) {
	case "warn", "warning":
		return 1
	case "error", "err", "fatal", "panic", "critical":
		return 2
	}
	return 0
}
