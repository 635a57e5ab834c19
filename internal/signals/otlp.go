package signals

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// decodeProto reads a body in protobuf. The error says at which byte it stops being one.
func decodeProto(body []byte) (*coltrace.ExportTraceServiceRequest, error) {
	request := new(coltrace.ExportTraceServiceRequest)
	if err := proto.Unmarshal(body, request); err != nil {
		at, what := malformed(body, request.ProtoReflect().Descriptor(), 0)
		return nil, fmt.Errorf("byte %d: not an OTLP trace request: %s", at, what)
	}
	return request, nil
}

// malformed finds the first place in a body that is not a message of the type.
func malformed(body []byte, message protoreflect.MessageDescriptor, offset int) (at int, what string) {
	for len(body) > 0 {
		number, kind, width := protowire.ConsumeTag(body)
		if width < 0 {
			return offset, "no field begins here"
		}
		size := protowire.ConsumeFieldValue(number, kind, body[width:])
		if size < 0 {
			return offset + width, fmt.Sprintf("field %d is cut short or too large", number)
		}
		field := message.Fields().ByNumber(number)
		if field != nil && kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(body[width:])
			start := offset + width + n - len(value)
			switch field.Kind() {
			case protoreflect.MessageKind:
				if at, what := malformed(value, field.Message(), start); what != "" {
					return at, what
				}
			case protoreflect.StringKind:
				if !utf8.Valid(value) {
					return start, fmt.Sprintf("%s is not UTF-8", field.Name())
				}
			}
		}
		body = body[width+size:]
		offset += width + size
	}
	return offset, ""
}

// decodeJSON reads a body in OTLP's JSON, in which ids are hexadecimal where protobuf's own has
// base64.
func decodeJSON(body []byte) (*coltrace.ExportTraceServiceRequest, error) {
	request := new(coltrace.ExportTraceServiceRequest)
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, request); err != nil {
		return nil, fmt.Errorf("%snot an OTLP trace request: %w", unplaced(body, err), err)
	}
	for span := range spansOf(request) {
		span.TraceId, span.SpanId, span.ParentSpanId = fromHex(span.TraceId), fromHex(span.SpanId), fromHex(span.ParentSpanId)
		for _, link := range span.Links {
			link.TraceId, link.SpanId = fromHex(link.TraceId), fromHex(link.SpanId)
		}
	}
	return request, nil
}

// placed is how an error of protojson says where.
var placed = regexp.MustCompile(`\(line \d+:\d+\)`)

// unplaced reports where a body stops being JSON when the error does not: at its end, mostly.
func unplaced(body []byte, err error) string {
	if placed.MatchString(err.Error()) {
		return ""
	}
	at := int64(len(body))
	var syntax *json.SyntaxError
	var any json.RawMessage
	if errors.As(json.Unmarshal(body, &any), &syntax) {
		at = syntax.Offset
	}
	return fmt.Sprintf("byte %d: ", at)
}

// fromHex reads an id that was read as base64: every hexadecimal digit is a digit of that, too.
// What was none becomes an id that is not valid.
func fromHex(wrong []byte) []byte {
	id, err := hex.DecodeString(base64.StdEncoding.EncodeToString(wrong))
	if err != nil {
		return nil
	}
	return id
}

// spansOf walks through the spans of a request.
func spansOf(request *coltrace.ExportTraceServiceRequest) func(yield func(*tracepb.Span) bool) {
	return func(yield func(*tracepb.Span) bool) {
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					if span != nil && !yield(span) {
						return
					}
				}
			}
		}
	}
}

// attribute returns the value of an attribute as text, empty when there is none.
func attribute(of []*common.KeyValue, name string) string {
	for _, pair := range of {
		if pair.GetKey() == name {
			return textOf(pair.GetValue())
		}
	}
	return ""
}

func textOf(v *common.AnyValue) string {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *common.AnyValue_DoubleValue:
		return strconv.FormatFloat(v.DoubleValue, 'g', -1, 64)
	case *common.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	}
	return ""
}

// statusNames and kindNames are the words of OTLP's numbers, as they stand in labels.
var (
	statusNames = []string{"unset", "ok", "error"}
	kindNames   = []string{"unspecified", "internal", "server", "client", "producer", "consumer"}
)

func word(words []string, n int32) string {
	if n < 0 || int(n) >= len(words) {
		return "unknown"
	}
	return words[n]
}
