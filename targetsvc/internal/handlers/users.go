package handlers

import (
	"context"
	"fmt"
	"net/http"
)

// User is a customer of the store.
type User struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// Post is something a user wrote.
type Post struct {
	ID     int    `json:"id"`
	UserID int    `json:"user_id"`
	Title  string `json:"title"`
}

const postsPerUser = 100

func user(id int) User { return User{id, fmt.Sprintf("user-%04d", id)} }

func post(userID, id int) Post {
	return Post{id, userID, fmt.Sprintf("Post %d of %s", id, user(userID).Name)}
}

func listUsers(context.Context, *Call) Response {
	users := make([]User, 20)
	for i := range users {
		users[i] = user(i + 1)
	}
	return answer(http.StatusOK, users)
}

func getUser(_ context.Context, c *Call) Response {
	n, ok := id(c, "userId")
	switch {
	case !ok:
		return badRequest("userId must be a positive number")
	case n > catalogueSize:
		return notFound("user")
	}
	return answer(http.StatusOK, user(n))
}

func listPosts(_ context.Context, c *Call) Response {
	n, ok := id(c, "userId")
	switch {
	case !ok:
		return badRequest("userId must be a positive number")
	case n > catalogueSize:
		return notFound("user")
	}
	posts := make([]Post, 10)
	for i := range posts {
		posts[i] = post(n, i+1)
	}
	return answer(http.StatusOK, posts)
}

func getPost(_ context.Context, c *Call) Response {
	userID, userOK := id(c, "userId")
	postID, postOK := id(c, "postId")
	switch {
	case !userOK || !postOK:
		return badRequest("userId and postId must be positive numbers")
	case userID > catalogueSize:
		return notFound("user")
	case postID > postsPerUser:
		return notFound("post")
	}
	return answer(http.StatusOK, post(userID, postID))
}

func getReport(_ context.Context, c *Call) Response {
	n, ok := id(c, "reportId")
	if !ok {
		return badRequest("reportId must be a positive number")
	}
	return answer(http.StatusOK, struct {
		ID   int `json:"id"`
		Pets int `json:"pets"`
	}{n, catalogueSize})
}
