"""Pages of the API that neither skip nor repeat a row while others write."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """100 rows a page, oldest first; `page_size` asks for up to 1,000."""

    ordering = "id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
