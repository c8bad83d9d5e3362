"""Every resource of the API by its noun."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from accounts.api import NoticeViewSet
from handovers.api import HandoverViewSet
from interactions.api import FollowUpViewSet, InteractionViewSet
from interactions.may_i_api import MayIViewSet
from kols.api import KOLViewSet, OwnershipViewSet
from products.api import ProductViewSet, UseViewSet

router = DefaultRouter()
router.include_root_view = False
router.register("products", ProductViewSet, basename="product")
router.register("uses", UseViewSet, basename="use")
router.register("kols", KOLViewSet, basename="kol")
router.register("ownerships", OwnershipViewSet, basename="ownership")
router.register("interactions", InteractionViewSet, basename="interaction")
router.register("follow-ups", FollowUpViewSet, basename="follow-up")
router.register("handovers", HandoverViewSet, basename="handover")
router.register("may-i", MayIViewSet, basename="may-i")
router.register("notices", NoticeViewSet, basename="notice")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
