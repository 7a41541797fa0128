"""Django as WSGI: everything but the stream of changes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesdash.settings")

application = get_wsgi_application()
