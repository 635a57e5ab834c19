package discover

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/config"
	"golang.org/x/net/http/httpguts"
)

// field is a header field of every request. As it is written it has the names of variables, never
// their values.
type field struct{ name, written, value string }

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// secretive are the fields whose values are secrets.
var secretive = []string{"Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key"}

// fields reads header fields, each "NAME: VALUE" with ${VARIABLE} in its value.
func fields(all []string) ([]field, error) {
	var list []field
	for _, text := range all {
		name, value, ok := strings.Cut(text, ":")
		f := field{name: http.CanonicalHeaderKey(strings.TrimSpace(name)), written: strings.TrimSpace(value)}
		if !ok || !httpguts.ValidHeaderFieldName(f.name) {
			return nil, fmt.Errorf(`%w: --header: want "NAME: VALUE"`, ErrUsage) // the text may be a secret
		}
		var unset []string
		f.value = variable.ReplaceAllStringFunc(f.written, func(reference string) string {
			name := reference[2 : len(reference)-1]
			value := os.Getenv(name)
			if value == "" {
				unset = append(unset, name)
			}
			return value
		})
		switch {
		case len(unset) > 0:
			return nil, fmt.Errorf("%w: --header %s: the variable %s is not set", ErrUsage, f.name, unset[0])
		case slices.Contains(secretive, f.name) && f.value == f.written:
			return nil, fmt.Errorf(
				"%w: --header %s: a secret is not written to a scenario; name a variable that has it: '%s: ${NAME}'",
				ErrUsage,
				f.name,
				f.name,
			)
		case strings.Contains(variable.ReplaceAllString(f.written, ""), "${"):
			return nil, fmt.Errorf("%w: --header %s: want ${NAME}", ErrUsage, f.name)
		case !httpguts.ValidHeaderFieldValue(f.value):
			return nil, fmt.Errorf("%w: --header %s: its value cannot stand in a header", ErrUsage, f.name)
		}
		list = append(list, f)
	}
	return list, nil
}

// scraping returns the settings of a client that shows the fields, and how a scenario writes them.
func scraping(all []field) (config.HTTPClientConfig, []string) {
	c := config.DefaultHTTPClientConfig
	var lines []string
	var more []string
	for _, f := range all {
		if scheme, credentials, ok := strings.Cut(f.value, " "); f.name == "Authorization" && ok {
			_, written, _ := strings.Cut(f.written, " ")
			c.Authorization = &config.Authorization{Type: scheme, Credentials: config.Secret(credentials)}
			lines = append(
				lines,
				fmt.Sprintf("authorization: {type: %s, credentials: %s}", Quoted(scheme), referring(written)),
			)
			continue
		}
		if _, reserved := config.ReservedHeaders[f.name]; reserved {
			continue
		}
		if c.HTTPHeaders == nil {
			c.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{}}
		}
		c.HTTPHeaders.Headers[f.name] = config.Header{Secrets: []config.Secret{config.Secret(f.value)}}
		more = append(more, fmt.Sprintf("%s: {secrets: [%s]}", Quoted(f.name), referring(f.written)))
	}
	if len(more) > 0 {
		lines = append(lines, "http_headers: {"+strings.Join(more, ", ")+"}")
	}
	return c, lines
}

// referring writes a text for YAML in which ${NAME} refers to a variable.
func referring(text string) string { return strings.ReplaceAll(Quoted(text), "$${", "${") }

// Headers returns the key of a request that shows the fields.
func (l *Learned) Headers() string {
	if len(l.fields) == 0 {
		return ""
	}
	var each []string
	for _, f := range l.fields {
		each = append(each, Quoted(f.name)+": "+referring(f.written))
	}
	return ", headers: {" + strings.Join(each, ", ") + "}"
}
