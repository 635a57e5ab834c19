package scrape

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"brrtload/internal/diag"
)

// atOnce is how many entries of an exposition are dealt with before hits that have come due leave: some
// 50 microseconds' worth.
const atOnce = 100

// parse reads a body into e.samples and the families.
func (e *Endpoint) parse(body []byte, contentType string) error {
	media, err := mediaType(contentType)
	if err != nil {
		return refusal{err}
	}
	if media != protobufType {
		if body, err = whole(body); err != nil {
			return err
		}
	}
	parser, err := textparse.New(body, contentType, e.symbols, textparse.ParserOptions{
		KeepClassicOnClassicAndNativeHistograms: true,
	})
	if err != nil {
		return fmt.Errorf("content type %q: %w", diag.Printable(contentType), err)
	}
	place := place{body: body, binary: media == protobufType, strict: media == openMetricsType}
	for n := 1; ; n++ {
		if n%atOnce == 0 {
			runtime.Gosched()
		}
		kind, err := parser.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = e.take(kind, parser, &place, media)
		} else {
			place.step()
		}
		if err != nil && media == textType && place.count == 0 && len(body) > 0 && body[0] != '#' && body[0] != '\n' {
			line, _, _ := bytes.Cut(body, []byte{'\n'})
			return refusal{fmt.Errorf("the answer is no exposition: line 1: %q; is this the metrics endpoint?",
				shorten(diag.Printable(string(line))))}
		}
		if err != nil {
			return place.wrap(err)
		}
	}
	if len(e.samples) == 0 {
		return errors.New("the exposition has no series")
	}
	return nil
}

// take deals with one entry that the parser has found.
func (e *Endpoint) take(kind textparse.Entry, parser textparse.Parser, at *place, media string) error {
	switch kind {
	case textparse.EntryType:
		name, metricType := parser.Type()
		at.line(name)
		e.declare(name).setType(metricType, media == openMetricsType)
	case textparse.EntryHelp:
		name, help := parser.Help()
		at.line(name)
		e.declare(name).setHelp(help)
	case textparse.EntryUnit:
		name, unit := parser.Unit()
		at.line(name)
		e.declare(name).setUnit(unit)
	case textparse.EntryComment:
		at.line(parser.Comment())
	case textparse.EntrySeries:
		raw, stamp, value := parser.Series()
		at.line(raw)
		found, err := e.entryOf(raw, parser.Labels)
		if err != nil {
			return err
		}
		e.stamped(stamp)
		return e.collect(sample{entry: found, value: value}, parser, media)
	case textparse.EntryHistogram:
		raw, stamp, integer, float := parser.Histogram()
		at.line(raw)
		found, err := e.entryOf(raw, parser.Labels)
		if err != nil {
			return err
		}
		e.stamped(stamp)
		return e.collect(sample{entry: found, histogram: integer, float: float}, parser, media)
	}
	return nil
}

// entryOf returns the series of a sample, made on first sight, by a text that stands for it.
func (e *Endpoint) entryOf(raw []byte, give func(*labels.Labels)) (*entry, error) {
	found := e.entries[string(raw)]
	if found == nil {
		var lset labels.Labels
		give(&lset)
		if err := checkLabels(lset); err != nil {
			return nil, err
		}
		series, err := e.store.Series(e.label(lset))
		if err != nil {
			return nil, err
		}
		// The same series may be written in several ways.
		if found = e.bySeries[series]; found == nil {
			found = &entry{series: series, created: e.births[series],
				start: series.Labels().Get(model.MetricNameLabel) == "process_start_time_seconds"}
			delete(e.births, series)
			e.bySeries[series] = found
		}
		e.entries[string(raw)] = found
	}
	if found.family == nil || found.family.round != e.round || found.shape != found.family.shape {
		e.place(found)
	}
	return found, nil
}

// place finds the family and the role of a series.
func (e *Endpoint) place(found *entry) {
	name := found.series.Labels().Get(model.MetricNameLabel)
	f, r := e.familyOf(name)
	if f != found.family && found.family != nil {
		delete(found.family.entries, found)
		found.family.values = nil
	}
	if _, known := f.entries[found]; !known {
		f.entries[found] = struct{}{}
		f.values = nil
	}
	found.family, found.shape, found.role = f, f.shape, r
	found.instance = e.instanceOf(found)
}

// collect keeps a sample for recording, unless the scrape has had its series before.
func (e *Endpoint) collect(x sample, parser textparse.Parser, media string) error {
	found := x.entry
	if found.role == created {
		if !math.IsNaN(x.value) {
			found.instance.created, found.instance.since = int64(x.value*1000), e.round
		}
		return nil
	}
	if found.round == e.round {
		if len(e.duplicates) < maxNamed {
			e.duplicates = append(e.duplicates, found.name())
		}
		return nil
	}
	if len(e.samples) == maxSeries {
		return fmt.Errorf("more than %d series", maxSeries)
	}
	found.round = e.round
	found.family.count++
	if media == protobufType {
		x.started = parser.StartTimestamp()
	}
	if media != textType {
		x.exemplars = exemplars(parser, e.at)
		e.marked(&x)
	}
	e.samples = append(e.samples, x)
	return nil
}

func checkLabels(lset labels.Labels) error {
	if lset.Len() > maxLabels+1 {
		return fmt.Errorf("a series with %d labels; %d at most", lset.Len()-1, maxLabels)
	}
	return lset.Validate(func(l labels.Label) error {
		if len(l.Name) > maxNameLength || l.Name == model.MetricNameLabel && len(l.Value) > maxNameLength {
			return fmt.Errorf("a name longer than %d bytes", maxNameLength)
		}
		if len(l.Value) > maxValueLength {
			return fmt.Errorf("a value of label %s longer than %d bytes", diag.Printable(l.Name), maxValueLength)
		}
		return nil
	})
}

// exemplars returns a sample's exemplars. Those without a time get that of the scrape.
func exemplars(parser textparse.Parser, at time.Time) []exemplar.Exemplar {
	var all []exemplar.Exemplar
	for len(all) < maxExemplarsPer {
		var x exemplar.Exemplar
		if !parser.Exemplar(&x) {
			break
		}
		if !x.HasTs {
			x.Ts = at.UnixMilli()
		}
		all = append(all, x)
	}
	return all
}
