"""Goals: their tree, the form with its SMART check, splitting, the journey and the scorecard."""
