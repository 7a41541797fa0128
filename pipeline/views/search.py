"""What the palette (Ctrl-K) finds."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from pipeline.search import search as find
from pipeline.views.asking import viewer_of


@require_GET
def search(request: HttpRequest) -> JsonResponse:
    """`?q=` answers {"results": [{"label", "hint", "url"}]}, what the viewer may see."""
    found = find(request.GET.get("q", ""), viewer=viewer_of(request))
    return JsonResponse({"results": [asdict(each) for each in found]})
