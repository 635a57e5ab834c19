package handlers

import "context"

// Each handler is called through a function of its own. So a profile shows whose an allocation is,
// whatever else is put around the handler.

func enterListPets(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterAddPet(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterGetPet(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterSearch(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterPetPage(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterListUsers(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterGetUser(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterListPosts(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterGetPost(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterGetReport(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterJsonTree(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterDigestDocument(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterDownload(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterWait(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterCompute(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterStaticFile(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }

func enterDocsFile(ctx context.Context, c *Call, run Func) Response { return run(ctx, c) }
