package handlers

// Catalogue lists every handler there is. An OpenAPI document names them by operationId.
func Catalogue(files Files) []Handler {
	return []Handler{
		{"list_pets", "pets", listPets},
		{"add_pet", "pets", addPet},
		{"get_pet", "pets", getPet},
		{"search", "pets", search},
		{"pet_page", "page", petPage},
		{"list_users", "users", listUsers},
		{"get_user", "users", getUser},
		{"list_posts", "users", listPosts},
		{"get_post", "users", getPost},
		{"get_report", "users", getReport},
		{"json_tree", "tree", jsonTree},
		{"digest_document", "tree", digestDocument},
		{"download", "work", download},
		{"wait", "work", wait},
		{"compute", "work", compute},
		{"static_file", "files", files.static},
		{"docs_file", "files", files.docs},
	}
}
