"""The facts' REST API: one file a fact, holding its representation, filters and routes."""
