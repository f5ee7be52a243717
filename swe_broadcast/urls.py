"""Every address of this installation."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from campaigns import views
from subscribers.views import own_data, privacy_notice

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("webhooks/whatsapp/", views.webhook, name="webhook"),
    path("datenschutz/", privacy_notice, name="privacy-notice"),
    path("auskunft/<str:secret>/", own_data, name="own-data"),
    path("healthz/live", views.live, name="live"),
    path("healthz/ready", views.ready, name="ready"),
    path("metrics", views.figures, name="metrics"),
]

handler500 = "campaigns.views.trouble"
