"""Who races, and how is each of them asked in its fastest way?"""
