"""Pages of review."""

from django.urls import path

from reviews.views import inspection, items, plan, samples

app_name = "reviews"
urlpatterns = [
    path("", samples.queue, name="queue"),
    path("draws/new/", samples.draw_new, name="draw_new"),
    path("draws/<uuid:pk>/", samples.draw, name="draw"),
    path("draws/<uuid:pk>/extension/", samples.draw_extension, name="draw_extension"),
    path("items/<uuid:pk>/", items.item, name="item"),
    path("inquiries/<uuid:pk>/", items.inquiry, name="inquiry"),
    path("observations/", plan.observations, name="observations"),
    path("observations/plan/", plan.observation_plan, name="observation_plan"),
    path("observations/<uuid:pk>/", plan.observation, name="observation"),
    path("trends/", plan.trends, name="trends"),
    path("questions/", inspection.question_list, name="questions"),
    path("questions/<int:number>/", inspection.question, name="question"),
]
