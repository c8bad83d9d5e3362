from django.urls import path

from products import launch_pages, material_pages, views

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
    path("entries/<uuid:pk>/launch/", launch_pages.launch_new, name="launch_new"),
    path("launches/<uuid:pk>/signature/", launch_pages.launch_signature, name="launch_signature"),
    path("launches/<uuid:pk>/rejection/", launch_pages.launch_rejection, name="launch_rejection"),
    path("uses/<uuid:pk>/entries/", views.entry_new, name="entry_new"),
    path("uses/<uuid:pk>/expectation/", views.expectation, name="expectation"),
    path("uses/<uuid:pk>/split/", views.use_split, name="use_split"),
    path("uses/<uuid:pk>/labels/", material_pages.label_new, name="label_new"),
    path("materials/", material_pages.material_list, name="materials"),
    path("materials/new/", material_pages.material_new, name="material_new"),
    path("materials/<uuid:pk>/", material_pages.material, name="material"),
    path("materials/<uuid:pk>/approval/", material_pages.material_approval, name="material_approval"),
    path("materials/<uuid:pk>/recall/", material_pages.material_recall, name="material_recall"),
    path("materials/<uuid:pk>/retirement/", material_pages.material_retirement, name="material_retirement"),
    path("plan/", material_pages.plan_items, name="plan"),
    path("plan/<uuid:pk>/end/", material_pages.plan_item_end, name="plan_item_end"),
    path("<uuid:pk>/", views.product_detail, name="detail"),
    path("<uuid:pk>/indications/", views.use_new, name="use_new"),
]
