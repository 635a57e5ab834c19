package signals

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protodelim"
)

// Exposition masks the secrets in what an endpoint returned, and keeps where they were.
func (s *Screen) Exposition(endpoint string, body []byte, contentType string) {
	if !s.Has(body) {
		return
	}
	places := s.lines
	if strings.Contains(contentType, "protobuf") {
		places = s.families
	}
	if !places(body) {
		s.Found("the exposition of "+endpoint, body, "")
	}
	s.Mask(body)
}

// lines finds secrets in a text format, where a line is of one family.
func (s *Screen) lines(body []byte) (found bool) {
	for line := range bytes.Lines(body) {
		if !s.Has(line) {
			continue
		}
		found = true
		words := bytes.Fields(line)
		if len(words) > 2 && string(words[0]) == "#" {
			s.Found(fmt.Sprintf("the %s text of %s", strings.ToLower(string(words[1])), words[2]), line, "")
			continue
		}
		name, _, _ := bytes.Cut(line, []byte("{"))
		s.Found(fmt.Sprintf("a label of %s", bytes.TrimSpace(name)), line, "")
	}
	return found
}

// families finds secrets in the protobuf format.
func (s *Screen) families(body []byte) (found bool) {
	look := func(text, format string, args ...any) {
		if s.Has([]byte(text)) {
			found = true
			s.Found(fmt.Sprintf(format, args...), []byte(text), "")
		}
	}
	in := bufio.NewReader(bytes.NewReader(body))
	for {
		var family dto.MetricFamily
		if err := protodelim.UnmarshalFrom(in, &family); err != nil {
			return found // at its end, or where it stops being one: what was not looked at is masked all the same
		}
		look(family.GetHelp(), "the help text of %s", family.GetName())
		look(family.GetName(), "the name of a metric")
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				look(label.GetValue(), "the label %s of %s", label.GetName(), family.GetName())
			}
		}
	}
}
