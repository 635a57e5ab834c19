package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
)

// Pet is one animal of the store.
type Pet struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	Tag  string `json:"tag,omitempty"`
}

// catalogueSize is how many pets and users there are.
const catalogueSize = 1000

var petNames = [...]string{"Ada", "Bruno", "Coco", "Dexter", "Ember", "Felix", "Ginger", "Hugo", "Iris", "Jasper"}

var petTags = [...]string{"cat", "dog", "bird"}

func pet(id int) Pet {
	return Pet{id, petNames[id%len(petNames)], petTags[id%len(petTags)]}
}

func listPets(_ context.Context, c *Call) Response {
	limit, ok := number(c, "limit", 20, 1, 100)
	if !ok {
		return badRequest("limit must be a number from 1 to 100")
	}
	pets := make([]Pet, limit)
	for i := range pets {
		pets[i] = pet(i + 1)
	}
	return answer(http.StatusOK, pets)
}

func getPet(_ context.Context, c *Call) Response {
	n, ok := id(c, "petId")
	switch {
	case !ok:
		return badRequest("petId must be a positive number")
	case n > catalogueSize:
		return notFound("pet")
	}
	return answer(http.StatusOK, pet(n))
}

// addPet numbers the pet by its content, above the catalogue's numbers.
func addPet(_ context.Context, c *Call) Response {
	var given struct {
		Name string `json:"name"`
		Tag  string `json:"tag"`
	}
	decoder := json.NewDecoder(bytes.NewReader(c.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&given); err != nil {
		return badRequest("the body is not a pet in JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return badRequest("the body holds more than one JSON value")
	}
	name := strings.TrimSpace(given.Name)
	if name == "" || len(name) > 100 || len(given.Tag) > 100 {
		return badRequest("a pet has a name, and neither name nor tag is longer than 100 bytes")
	}
	hash := fnv.New32a()
	io.WriteString(hash, name+"\x00"+given.Tag)
	return answer(http.StatusCreated, Pet{catalogueSize + 1 + int(hash.Sum32()>>1), name, given.Tag})
}

func search(_ context.Context, c *Call) Response {
	q := strings.ToLower(c.Query.Get("q"))
	limit, limitOK := number(c, "limit", 20, 1, 100)
	offset, offsetOK := number(c, "offset", 0, 0, catalogueSize)
	if q == "" || len(q) > 100 || !limitOK || !offsetOK {
		return badRequest("search wants q of 1 to 100 bytes, limit from 1 to 100, offset from 0 to 1000")
	}
	result := struct {
		Total int   `json:"total"`
		Pets  []Pet `json:"pets"`
	}{Pets: []Pet{}}
	for n := 1; n <= catalogueSize; n++ {
		p := pet(n)
		if !strings.Contains(strings.ToLower(p.Name), q) {
			continue
		}
		if result.Total >= offset && len(result.Pets) < limit {
			result.Pets = append(result.Pets, p)
		}
		result.Total++
	}
	return answer(http.StatusOK, result)
}
