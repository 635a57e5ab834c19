package handlers

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
)

var page = template.Must(template.New("pet").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{.Name}}</title><link rel="stylesheet" href="/static/style.css"></head>
<body>
<h1>{{.Name}}</h1>
<p>Number {{.ID}}, a {{.Tag}}.</p>
</body>
</html>
`))

func petPage(_ context.Context, c *Call) Response {
	n, ok := id(c, "petId")
	switch {
	case !ok:
		return badRequest("petId must be a positive number")
	case n > catalogueSize:
		return notFound("pet")
	}
	var body bytes.Buffer
	if err := page.Execute(&body, pet(n)); err != nil {
		return Failure(http.StatusInternalServerError, "the page cannot be made")
	}
	return whole(http.StatusOK, "text/html; charset=utf-8", body.Bytes())
}
