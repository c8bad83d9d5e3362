from django.urls import path

from products import views

app_name = "products"
urlpatterns = [
    path("", views.product_list, name="list"),
    path("new/", views.product_new, name="new"),
    path("proposals/", views.proposals, name="proposals"),
    path("entries/<uuid:pk>/", views.entry, name="entry"),
    path("entries/<uuid:pk>/confirmation/", views.confirmation, name="confirmation"),
    path("entries/<uuid:pk>/rejection/", views.rejection, name="rejection"),
    path("entries/<uuid:pk>/voiding/", views.voiding, name="voiding"),
    path("entries/<uuid:pk>/countersignature/", views.countersignature, name="countersignature"),
    path("uses/<uuid:pk>/entries/", views.entry_new, name="entry_new"),
    path("uses/<uuid:pk>/expectation/", views.expectation, name="expectation"),
    path("uses/<uuid:pk>/split/", views.use_split, name="use_split"),
    path("<uuid:pk>/", views.product_detail, name="detail"),
    path("<uuid:pk>/indications/", views.use_new, name="use_new"),
]
