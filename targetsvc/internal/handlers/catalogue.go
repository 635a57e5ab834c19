package handlers

// Catalogue lists every handler there is. An OpenAPI document names them by operationId.
func Catalogue(files Files) []Handler {
	return []Handler{
		{"list_pets", "pets", listPets, enterListPets},
		{"add_pet", "pets", addPet, enterAddPet},
		{"get_pet", "pets", getPet, enterGetPet},
		{"search", "pets", search, enterSearch},
		{"pet_page", "page", petPage, enterPetPage},
		{"list_users", "users", listUsers, enterListUsers},
		{"get_user", "users", getUser, enterGetUser},
		{"list_posts", "users", listPosts, enterListPosts},
		{"get_post", "users", getPost, enterGetPost},
		{"get_report", "users", getReport, enterGetReport},
		{"json_tree", "tree", jsonTree, enterJsonTree},
		{"digest_document", "tree", digestDocument, enterDigestDocument},
		{"download", "work", download, enterDownload},
		{"wait", "work", wait, enterWait},
		{"compute", "work", compute, enterCompute},
		{"static_file", "files", files.static, enterStaticFile},
		{"docs_file", "files", files.docs, enterDocsFile},
	}
}
