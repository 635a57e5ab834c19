package spec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPetstore(t *testing.T) {
	d, err := Load("")
	require.NoError(t, err)
	require.Len(t, d.Operations, 17)
	byHandler := map[string]Operation{}
	literals := true
	for _, operation := range d.Operations {
		byHandler[operation.Handler] = operation
		parameters := strings.Contains(operation.Path, "{")
		require.False(t, literals == false && !parameters, "literal paths are tried before those with parameters")
		literals = !parameters
	}
	require.Equal(t, 0x10001, byHandler["json_tree"].StackSize)
	require.Equal(t, []Alternative{{{"ApiKeyHeader", []string{}}}, {{"BearerToken", []string{"digest:write"}}}}, byHandler["digest_document"].Security)
	require.Equal(t, []int{200, 400, 404}, byHandler["get_pet"].Statuses)
	require.Equal(t, []Scheme{{"ApiKeyHeader", APIKey, "X-Api-Key"}, {"BearerToken", Bearer, "Authorization"}, {"RemoteKey", Remote, "X-Remote-Key"}}, d.Schemes)
}

func TestCopiesShareTheirHandlers(t *testing.T) {
	d, err := Load("")
	require.NoError(t, err)
	d.Copy(2)
	require.Len(t, d.Operations, 3*17)
	require.Equal(t, 17, d.Handlers())
	paths := map[string][]string{}
	parameters := 0
	for _, operation := range d.Operations {
		paths[operation.Handler] = append(paths[operation.Handler], operation.Method+" "+operation.Path)
		now := strings.Count(operation.Path, "{")
		require.LessOrEqual(t, parameters, now, "fewest parameters first")
		parameters = now
	}
	require.Equal(t, []string{"GET /copy/1/pets/{petId}", "GET /copy/2/pets/{petId}", "GET /pets/{petId}"}, paths["get_pet"])
	d.Copy(0)
	require.Len(t, d.Operations, 3*17)
}

const head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"

func TestMistakesHavePlaces(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"no YAML":             {"openapi: [", "s.yaml: "},
		"no OpenAPI":          {"a: 1\n", "s.yaml: "},
		"no operation":        {head + "paths: {}\n", "s.yaml: no operation"},
		"no operationId":      {head + "paths:\n  /a:\n    get:\n      responses: {'200': {description: d}}\n", "s.yaml:5:5: GET /a has no operationId"},
		"an id used twice":    {head + "paths:\n  /a:\n    get: {operationId: x, responses: {'200': {description: d}}}\n    put: {operationId: x, responses: {'200': {description: d}}}\n", `operations "GET /a" and "PUT /a" have the same operation id "x"`},
		"an unknown scheme":   {head + "paths:\n  /a:\n    get: {operationId: x, security: [{Nobody: []}], responses: {'200': {description: d}}}\n", "s.yaml:5:5: invalid paths"},
		"a scheme of no use":  {head + "components: {securitySchemes: {Q: {type: apiKey, in: query, name: q}}}\npaths:\n  /a:\n    get: {operationId: x, security: [{Q: []}], responses: {'200': {description: d}}}\n", "s.yaml:3:32: security scheme Q"},
		"a stack size of air": {head + "paths:\n  /a:\n    get: {operationId: x, x-brrtrouter-stack-size: big, responses: {'200': {description: d}}}\n", `got "big"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("s.yaml", []byte(row.text))
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	_, err := Parse("s.yaml", []byte(head+`paths:
  /a:
    get: {responses: {'200': {description: d}}}
    put: {operationId: x, x-brrtrouter-stack-size: -1, responses: {'200': {description: d}}}
`))
	require.ErrorContains(t, err, "GET /a has no operationId")
	require.ErrorContains(t, err, "x-brrtrouter-stack-size")
}

func TestStackSizeAsNumberOrText(t *testing.T) {
	for _, size := range []string{"0x4001", "16385", "'0x4001'"} {
		d, err := Parse("s.yaml", []byte(head+"paths:\n  /a:\n    get: {operationId: x, x-brrtrouter-stack-size: "+size+", responses: {'200': {description: d}}}\n"))
		require.NoError(t, err)
		require.Equal(t, 0x4001, d.Operations[0].StackSize)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(head + "paths:\n  /a:\n    get: {operationId: x, responses: {'200': {description: d}}}\n")
	f.Add("openapi: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse("f", []byte(text))
		if err == nil && len(d.Operations) == 0 {
			t.Fatal("neither operations nor an error")
		}
	})
}
