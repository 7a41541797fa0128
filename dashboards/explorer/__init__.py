"""The KPI explorer: any figure, split, compared and filtered as its declaration allows."""
