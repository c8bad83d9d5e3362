"""A small pharmaceutical company to click through. All people, places, products and studies are invented.

Built through the product's own actions with the owner's clock (decision 10), so that everything in it is as
lawful as what people enter later. The same day gives the same company.
"""
