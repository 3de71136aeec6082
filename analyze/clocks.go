package analyze

import "context"

// estimateClocks estimates how far the clocks of the captures are apart.
func (e *engine) estimateClocks(ctx context.Context) {}
