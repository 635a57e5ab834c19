package handlers

// Catalogue lists every handler there is. An OpenAPI document names them by operationId.
func Catalogue() []Handler {
	return []Handler{
		{"list_pets", "pets", listPets},
		{"add_pet", "pets", addPet},
		{"get_pet", "pets", getPet},
		{"search", "pets", search},
		{"list_users", "users", listUsers},
		{"get_user", "users", getUser},
		{"list_posts", "users", listPosts},
		{"get_post", "users", getPost},
		{"get_report", "users", getReport},
		{"download", "work", download},
		{"wait", "work", wait},
	}
}
