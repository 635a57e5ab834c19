package signals

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"brrtload/internal/facts"
)

// places lists where secrets were found and how often.
func places(s *Screen) map[string]uint64 {
	out := map[string]uint64{}
	for _, e := range s.Events() {
		out[e.Name] = e.Count
	}
	return out
}

func TestSecretsAreFoundInEveryFormThatTheyAreWrittenIn(t *testing.T) {
	const secret = "p<q\"r s/\\é&"
	screen := NewScreen([]string{secret})
	asJSON, err := json.Marshal(secret)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"as it is": secret, "JSON": string(asJSON), "Go": fmt.Sprintf("%q", secret), "query": url.QueryEscape(secret), "path": url.PathEscape(secret),
	} {
		b := []byte("before " + text + " after")
		require.True(t, screen.Has(b), name)
		screen.Mask(b)
		require.False(t, screen.Has(b), name)
		require.Len(t, b, len("before  after")+len(text))
		require.Regexp(t, `^before "?\*+"? after$`, string(b), name)
	}
}

func TestShortSecretsAreNotLookedFor(t *testing.T) {
	screen := NewScreen([]string{"abc", "", "abcd"})
	require.Equal(t, 1, screen.Secrets())
	require.False(t, screen.Has([]byte("abc")))
	require.True(t, screen.Has([]byte("xabcdx")))
}

func TestPlacesAreBoundedAndTellNoSecret(t *testing.T) {
	screen := NewScreen([]string{"hush"})
	for n := range maxPlaces + 50 {
		screen.Found(fmt.Sprintf("hush %d", n), nil, "")
	}
	screen.Found("hush 3", nil, "")
	got := places(screen)
	require.Len(t, got, maxPlaces+1)
	require.EqualValues(t, 2, got["**** 3"])
	require.EqualValues(t, 50, got[elsewhere])
	for _, e := range screen.Events() {
		require.Equal(t, facts.FromScreen, e.Source)
	}
}

// Which credential it was, and where it stood first, is what one needs to find the line that wrote
// it.
func TestSecretsAreNamedAndTheirLinesNumbered(t *testing.T) {
	screen := NewScreen([]string{"hush-hush", "other-key", "unnamed"}).Name(map[string]string{"hush-hush": `credential "a"`, "other-key": `credential "b"`})
	path := filepath.Join(t.TempDir(), "target.log")
	log, err := Output(path, screen, nil)
	require.NoError(t, err)
	write(t, log.File(), "\n{\"msg\":\"x\"}\n"+strings.Repeat("{\"msg\":\"in\",\"key\":\"hush-hush\"}\n", 3)+
		strings.Repeat("z", maxLine+9)+"\n{\"msg\":\"in\",\"key\":\"other-key\"}\nno JSON: unnamed\n")
	require.NoError(t, log.Close())
	var told []string
	for _, e := range screen.Events() {
		told = append(told, fmt.Sprint(e.Name, e.Count, e.Fields[facts.OwnerField], e.Fields[facts.LineField]))
	}
	require.Equal(t, []string{
		`the field key of log events "in"3credential "a"line 3 of target.log`,
		`the field key of log events "in"1credential "b"line 7 of target.log`,
		`a log line1line 8 of target.log`,
	}, told)
}

func TestSecretsInAnExposition(t *testing.T) {
	const text = `# HELP a_total Of hush.
# TYPE a_total counter
a_total{key="hush"} 1
a_total{key="other"} 2
b 3
`
	screen := NewScreen([]string{"hush"})
	body := []byte(text)
	screen.Exposition("target", body, "text/plain; version=0.0.4")
	require.Equal(t, bytes.ReplaceAll([]byte(text), []byte("hush"), []byte("****")), body)
	require.Equal(t, map[string]uint64{"the help text of a_total": 1, "a label of a_total": 1}, places(screen))

	family := &dto.MetricFamily{Name: proto.String("a_total"), Help: proto.String("Of hush."), Type: dto.MetricType_COUNTER.Enum(), Metric: []*dto.Metric{
		{Label: []*dto.LabelPair{{Name: proto.String("key"), Value: proto.String("hush")}}, Counter: &dto.Counter{Value: proto.Float64(1)}}}}
	var encoded bytes.Buffer
	_, err := protodelim.MarshalTo(&encoded, family)
	require.NoError(t, err)
	screen = NewScreen([]string{"hush"})
	screen.Exposition("target", encoded.Bytes(), "application/vnd.google.protobuf")
	require.Equal(t, map[string]uint64{"the help text of a_total": 1, "the label key of a_total": 1}, places(screen))
	var masked dto.MetricFamily
	require.NoError(t, protodelim.UnmarshalFrom(&encoded, &masked), "it is an exposition still")
	require.Equal(t, "Of ****.", masked.GetHelp())
	require.Equal(t, "****", masked.Metric[0].Label[0].GetValue())

	screen = NewScreen([]string{"hush"})
	screen.Exposition("target", []byte("\xff\xffhush"), "application/vnd.google.protobuf")
	require.Equal(t, map[string]uint64{"the exposition of target": 1}, places(screen), "what cannot be read is masked all the same")
}
